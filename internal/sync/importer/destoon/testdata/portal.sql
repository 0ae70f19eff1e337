-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: yundu
-- ------------------------------------------------------
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;

DROP TABLE IF EXISTS `destoon_area`;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE `destoon_area` (
  `areaid` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `areaname` varchar(50) NOT NULL DEFAULT '',
  `parentid` int(10) unsigned NOT NULL DEFAULT 0,
  `listorder` smallint(4) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`areaid`)
) ENGINE=MyISAM AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4 COMMENT='地区';
LOCK TABLES `destoon_area` WRITE;
/*!40000 ALTER TABLE `destoon_area` DISABLE KEYS */;
INSERT INTO `destoon_area` VALUES (1,'云渡市',0,1),(2,'临澜市',0,2),(3,'没有文章的县',1,3);
/*!40000 ALTER TABLE `destoon_area` ENABLE KEYS */;
UNLOCK TABLES;

DROP TABLE IF EXISTS `destoon_article_21`;
CREATE TABLE `destoon_article_21` (
  `itemid` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `catid` int(10) unsigned NOT NULL DEFAULT 0,
  `areaid` int(10) unsigned NOT NULL DEFAULT 0,
  `level` tinyint(1) unsigned NOT NULL DEFAULT 0,
  `title` varchar(100) NOT NULL DEFAULT '',
  `style` varchar(50) NOT NULL DEFAULT '',
  `fee` float NOT NULL DEFAULT 0,
  `subtitle` mediumtext NOT NULL,
  `introduce` varchar(255) NOT NULL DEFAULT '',
  `tag` varchar(100) NOT NULL DEFAULT '',
  `keyword` varchar(255) NOT NULL DEFAULT '',
  `author` varchar(50) NOT NULL DEFAULT '',
  `copyfrom` varchar(30) NOT NULL DEFAULT '',
  `fromurl` varchar(255) NOT NULL DEFAULT '',
  `voteid` varchar(100) NOT NULL DEFAULT '',
  `hits` int(10) unsigned NOT NULL DEFAULT 0,
  `thumb` varchar(255) NOT NULL DEFAULT '',
  `username` varchar(30) NOT NULL DEFAULT '',
  `addtime` int(10) unsigned NOT NULL DEFAULT 0,
  `edittime` int(10) unsigned NOT NULL DEFAULT 0,
  `ip` varchar(50) NOT NULL DEFAULT '',
  `status` tinyint(1) NOT NULL DEFAULT 0,
  `islink` tinyint(1) unsigned NOT NULL DEFAULT 0,
  `linkurl` varchar(255) NOT NULL DEFAULT '',
  `filepath` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`itemid`),
  KEY `catid` (`catid`)
) ENGINE=MyISAM AUTO_INCREMENT=6 DEFAULT CHARSET=utf8mb4 COMMENT='资讯';
INSERT INTO `destoon_article_21` VALUES (1,2,1,2,'渡口旁的长者食堂','color:#F00',0,'','一碗素面八元，老人付五元。','助餐,渡口','食堂','林小满','云渡日报','https://paper.yundu.example/1','0',597,'https://www.yundu.example/file/upload/202403/18/window.jpg','lin',1710724831,1710811231,'198.51.100.7',3,0,'202403/18/1.html','202403/18/1.html'),(2,2,0,0,'它说：\'桥\' 与 \\斜线','',1.5,'副题','','','石桥 扶手','','','','7',3,'','wang',1710724900,0,'',2,0,'show.php?itemid=2','');
INSERT INTO `destoon_article_21` VALUES (3,99,2,0,'银发巴士','',0,'','','','','','','','',0,'','',1710725000,0,'',3,1,'https://bus.linlan.example/','');
INSERT INTO `destoon_article_21` VALUES (4,1,0,0,'回收站里的','',0,'','','','','','','','',9,'','lin',1710725100,0,'',0,0,'','');

DROP TABLE IF EXISTS `destoon_article_data_21`;
CREATE TABLE `destoon_article_data_21` (
  `itemid` bigint(20) unsigned NOT NULL DEFAULT 0,
  `content` longtext NOT NULL,
  PRIMARY KEY (`itemid`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COMMENT='资讯内容';
INSERT INTO `destoon_article_data_21` VALUES (1,'<p>食堂每天中午卖出一百二十碗。</p>\r\n<p>[pagebreak]</p>\r\n<p>周三有素馅包子；&nbsp;\"管饱\"。</p><img src=\"/file/upload/202403/18/hall.jpg\" />'),(2,'<p>桥上有扶手。</p>'),(3,'');

DROP TABLE IF EXISTS `destoon_21_1`;
CREATE TABLE `destoon_21_1` (`itemid` bigint(20) unsigned NOT NULL DEFAULT 0, `content` longtext NOT NULL, PRIMARY KEY (`itemid`)) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4;
INSERT INTO `destoon_21_1` (`content`, `itemid`) VALUES ('<p>在另一张表里的正文。</p>', 4);

DROP TABLE IF EXISTS `destoon_category`;
CREATE TABLE `destoon_category` (
  `catid` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `moduleid` smallint(6) unsigned NOT NULL DEFAULT 0,
  `catname` varchar(50) NOT NULL DEFAULT '',
  `catdir` varchar(255) NOT NULL DEFAULT '',
  `linkurl` varchar(255) NOT NULL DEFAULT '',
  `parentid` int(10) unsigned NOT NULL DEFAULT 0,
  `listorder` smallint(4) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`catid`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COMMENT='栏目分类';
INSERT INTO `destoon_category` VALUES (1,21,'行业新闻','news','list-1.html',0,1),(2,21,'行业动态','trends','list-2.html',5,2),(5,21,'本地','local','',1,3),(8,5,'供应','sell','',0,1);

DROP TABLE IF EXISTS `destoon_comment`;
CREATE TABLE `destoon_comment` (
  `itemid` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `item_mid` smallint(6) NOT NULL DEFAULT 0,
  `item_id` bigint(20) unsigned NOT NULL DEFAULT 0,
  `content` mediumtext NOT NULL,
  `qid` bigint(20) unsigned NOT NULL DEFAULT 0,
  `username` varchar(30) NOT NULL DEFAULT '',
  `passport` varchar(30) NOT NULL,
  `hidden` tinyint(1) NOT NULL DEFAULT 0,
  `addtime` int(10) unsigned NOT NULL DEFAULT 0,
  `reply` mediumtext NOT NULL,
  `replyer` varchar(30) NOT NULL DEFAULT '',
  `replytime` int(10) unsigned NOT NULL DEFAULT 0,
  `ip` varchar(50) NOT NULL DEFAULT '',
  `status` tinyint(1) NOT NULL DEFAULT 0,
  PRIMARY KEY (`itemid`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COMMENT='评论';
INSERT INTO `destoon_comment` VALUES (1,21,1,'好吃。<br/>不贵。',0,'ge','老葛',0,1710811000,'谢谢！','林小满',1710812000,'203.0.113.9',3),(2,21,1,'贵了。',1,'wang','王','1',1710813000,'','',0,'',2),(3,5,1,'这是供应的评论',0,'','','0',1710813001,'','',0,'',3);

DROP TABLE IF EXISTS `destoon_member`;
CREATE TABLE `destoon_member` (
  `userid` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `username` varchar(30) NOT NULL DEFAULT '',
  `passport` varchar(30) NOT NULL DEFAULT '',
  `password` varchar(32) NOT NULL DEFAULT '',
  `email` varchar(50) NOT NULL DEFAULT '',
  `mobile` varchar(50) NOT NULL DEFAULT '',
  `regtime` int(10) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`userid`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COMMENT='会员';
INSERT INTO `destoon_member` VALUES (1,'lin','林小满','0123456789abcdef0123456789abcdef','lin@yundu.example','13900000000',1600000000);

DROP TABLE IF EXISTS `destoon_module`;
CREATE TABLE `destoon_module` (`moduleid` smallint(6) unsigned NOT NULL AUTO_INCREMENT, `module` varchar(20) NOT NULL DEFAULT '', `name` varchar(20) NOT NULL DEFAULT '', `moduledir` varchar(20) NOT NULL DEFAULT '', `linkurl` varchar(255) NOT NULL DEFAULT '', PRIMARY KEY (`moduleid`)) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4;
INSERT INTO `destoon_module` VALUES (5,'sell','供应','sell','https://www.yundu.example/sell/'),(21,'article','资讯','news','https://www.yundu.example/news/');

DROP TABLE IF EXISTS `destoon_online`;
CREATE TABLE `destoon_online` (`userid` int(10) NOT NULL, `ip` varbinary(16) DEFAULT NULL);
INSERT INTO `destoon_online` VALUES (1,0xC6336407),(2,_binary 'a\0b'),(-3,NULL);

DELIMITER ;;
/*!50003 CREATE TRIGGER `t` BEFORE INSERT ON `destoon_online` FOR EACH ROW BEGIN SET NEW.userid = 1; END */;;
DELIMITER ;
-- Dump completed on 2024-03-21  8:00:00
